"""What a parent agrees to, word for word, in every version that was ever handed out.

A version is never edited: whoever signed it signed these words. They are a document of the office, hence Indonesian in
every language of the interface.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Wording:
    version: str
    since: date
    statement: str
    points: tuple[str, ...]
    ending: str


WORDINGS: Final = (
    Wording(
        version="2026-1",
        since=date(2026, 7, 1),
        statement=(
            "Saya, orang tua atau wali dari siswa tersebut, menyetujui bahwa anak saya mengikuti perekaman KTP-el di sekolah, "
            "yang dilaksanakan oleh Suku Dinas Kependudukan dan Pencatatan Sipil."
        ),
        points=(
            (
                "Petugas merekam foto wajah, sidik jari, iris mata, dan tanda tangan anak saya dengan alat perekaman KTP-el. "
                "Hasil rekaman hanya dikirim ke pusat data kependudukan, tidak disimpan oleh sekolah."
            ),
            (
                "Sekolah menyerahkan nama, NIK, NISN, tanggal lahir, kelas, dan alamat anak saya kepada Suku Dinas untuk "
                "menyusun jadwal perekaman dan memeriksa status KTP-el."
            ),
            "Data pada jadwal dihapus atau dibuat anonim setelah masa simpannya berakhir.",
            "Perekaman dan KTP-el tidak dipungut biaya.",
            (
                "Saya dapat menarik persetujuan ini sewaktu-waktu melalui sekolah atau Suku Dinas. Penarikan berlaku sejak "
                "disampaikan dan tidak membatalkan perekaman yang sudah dilakukan."
            ),
        ),
        ending="Pernyataan ini saya buat dengan sadar dan tanpa paksaan.",
    ),
)
"""The newest first."""

CURRENT: Final = WORDINGS[0]
VERSIONS: Final = frozenset(each.version for each in WORDINGS)
