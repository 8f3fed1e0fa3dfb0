"""What schools and offices tell about days and hours: closed days, lesson hours, holidays, the working week."""
