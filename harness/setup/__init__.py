"""What is installed and packed: the packages, the DLLs for 32-bit programs, the zip for Windows.
How an installed Wine is found is in driver/wine/."""
