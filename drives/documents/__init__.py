"""What is printed: slips with a QR code, class sheets, attendance sheets, the letter to the school."""
