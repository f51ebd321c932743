"""Every order in which the steps of the documented programs can follow each other, predicted by a
model and then run on the real, unchanged programs. A step is a call of a Win32 function or the end
of the program, as steps.py has it: not an instruction. What an order means for a claim is tested in
claims/."""
