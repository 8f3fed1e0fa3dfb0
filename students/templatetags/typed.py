from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from students import typed

register = template.Library()


@register.simple_tag(takes_context=True)
def keeps_typed(context: Context, page: str = "") -> SafeString:
    """`{% keeps_typed %}` in a form: what is typed outlives the session. `page`: where it is shown again, if not here."""
    request = context["request"]
    if not request.user.is_authenticated:
        return SafeString("")
    mark = typed.mark(user_id=request.user.pk, page=page or request.get_full_path())
    return format_html('<input type="hidden" name="{}" value="{}">', typed.FIELD, mark)
