! The reader in Fortran.
program reader
    use, intrinsic :: iso_c_binding
    implicit none
    interface
        function open_file_mapping(access, inherit, name) bind(c, name="OpenFileMappingA")
            import
            integer(c_int), value :: access, inherit
            character(c_char), intent(in) :: name(*)
            type(c_ptr) :: open_file_mapping
        end function
        function map_view_of_file(section, access, high, low, length) bind(c, name="MapViewOfFile")
            import
            type(c_ptr), value :: section
            integer(c_int), value :: access, high, low
            integer(c_size_t), value :: length
            type(c_ptr) :: map_view_of_file
        end function
        function message_box(owner, text, title, style) bind(c, name="MessageBoxA")
            import
            type(c_ptr), value :: owner, text
            character(c_char), intent(in) :: title(*)
            integer(c_int), value :: style
            integer(c_int) :: message_box
        end function
        function unmap_view_of_file(view) bind(c, name="UnmapViewOfFile")
            import
            type(c_ptr), value :: view
            integer(c_int) :: unmap_view_of_file
        end function
        function close_handle(handle) bind(c, name="CloseHandle")
            import
            type(c_ptr), value :: handle
            integer(c_int) :: close_handle
        end function
        function get_last_error() bind(c, name="GetLastError")
            import
            integer(c_int) :: get_last_error
        end function
    end interface
    integer(c_int), parameter :: all_access = int(z"F001F", c_int)
    type(c_ptr) :: section, view
    integer(c_int) :: done

    section = open_file_mapping(all_access, 0, "Global\MyFileMappingObject" // c_null_char)
    if (.not. c_associated(section)) call fail("open file mapping object", get_last_error())
    view = map_view_of_file(section, all_access, 0, 0, 256_c_size_t)
    if (.not. c_associated(view)) then
        done = get_last_error()
        if (close_handle(section) /= 0) call fail("map view of file", done)
    end if
    done = message_box(c_null_ptr, view, "Process2" // c_null_char, 0)
    done = unmap_view_of_file(view)
    done = close_handle(section)
contains
    subroutine fail(what, code)
        character(*), intent(in) :: what
        integer(c_int), intent(in) :: code
        write (*, '(a, i0, a)') "Could not " // what // " (", code, ")."
        call exit(1)
    end subroutine
end program
