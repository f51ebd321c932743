--  The writer in Ada.
with Ada.Command_Line;
with Ada.Text_IO;
with Interfaces.C; use Interfaces.C;
with System;       use System;

procedure Writer is
   type Handle is mod 2 ** Standard'Address_Size;

   function Create_File_Mapping
     (File : Handle; Security : Address; Protection, High, Low : unsigned; Name : char_array)
      return Address
   with Import, Convention => Stdcall, External_Name => "CreateFileMappingA";
   function Map_View_Of_File
     (Section : Address; Wanted, High, Low : unsigned; Size : size_t) return Address
   with Import, Convention => Stdcall, External_Name => "MapViewOfFile";
   function Unmap_View_Of_File (View : Address) return int
   with Import, Convention => Stdcall, External_Name => "UnmapViewOfFile";
   function Close_Handle (Section : Address) return int
   with Import, Convention => Stdcall, External_Name => "CloseHandle";
   function Get_Last_Error return int
   with Import, Convention => Stdcall, External_Name => "GetLastError";
   function Getch return int
   with Import, Convention => C, External_Name => "_getch";

   procedure Fail (What : String; Code : int) is
      Number : constant String := int'Image (Code);
      First  : constant Positive := (if Code < 0 then Number'First else Number'First + 1);
   begin
      Ada.Text_IO.Put_Line ("Could not " & What & " (" & Number (First .. Number'Last) & ").");
      Ada.Command_Line.Set_Exit_Status (1);
   end Fail;

   Message : constant char_array := To_C ("Message from first process.", Append_Nul => False);
   Section, View : Address;
   Code    : int;
begin
   Section := Create_File_Mapping
     (Handle'Last, Null_Address, 4, 0, 256, To_C ("Global\MyFileMappingObject"));
   if Section = Null_Address then
      Fail ("create file mapping object", Get_Last_Error);
      return;
   end if;
   View := Map_View_Of_File (Section, 16#F001F#, 0, 0, 256);
   if View = Null_Address then
      Code := Get_Last_Error;
      Fail ("map view of file", Code);
      Code := Close_Handle (Section);
      return;
   end if;
   declare
      Shared : char_array (Message'Range) with Import, Address => View;
   begin
      Shared := Message;
   end;
   Code := Getch;
   Code := Unmap_View_Of_File (View);
   Code := Close_Handle (Section);
end Writer;
