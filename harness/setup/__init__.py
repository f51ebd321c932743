"""Installs packages and DLLs for 32-bit programs, and packs the zip for Windows. driver/wine/ finds
an installed Wine."""
