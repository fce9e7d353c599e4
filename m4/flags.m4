# MINGLE_CFLAG(VARIABLE, FLAG): appends FLAG to VARIABLE if the compiler takes it without a warning.
# -Werror stands in the probe because clang only warns about warning options it does not know, and
# glibc only warns when it has to ignore _FORTIFY_SOURCE.
AC_DEFUN([MINGLE_CFLAG], [
    AC_MSG_CHECKING([whether $CC accepts $2])
    mingle_saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]], [])],
        [AC_MSG_RESULT([yes]); $1="${$1:+$$1 }$2"],
        [AC_MSG_RESULT([no])])
    CFLAGS=$mingle_saved_CFLAGS
])

# MINGLE_LDFLAG(VARIABLE, FLAG): the same for the linker.
AC_DEFUN([MINGLE_LDFLAG], [
    AC_MSG_CHECKING([whether the linker accepts $2])
    mingle_saved_CFLAGS=$CFLAGS
    mingle_saved_LDFLAGS=$LDFLAGS
    CFLAGS="$CFLAGS $HARDENING_CFLAGS -Werror"
    LDFLAGS="$LDFLAGS $2"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
        [AC_MSG_RESULT([yes]); $1="${$1:+$$1 }$2"],
        [AC_MSG_RESULT([no])])
    CFLAGS=$mingle_saved_CFLAGS
    LDFLAGS=$mingle_saved_LDFLAGS
])

# MINGLE_SWITCH(NAME, HELP): --enable-NAME, off by default; sets enable_NAME to yes or no.
AC_DEFUN([MINGLE_SWITCH], [
    AC_ARG_ENABLE([$1], [AS_HELP_STRING([--enable-$1], [$2])], [], [enable_$1=no])
])
