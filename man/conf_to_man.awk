# Makes mingled.conf(5) out of the sample file, so that the two cannot differ: each setting's comment is
# its text, `[section]` a heading, indented lines are tables.
#
#   awk -v date="$(date)" -v confdir=/etc/mingle -f conf_to_man.awk mingled.conf >mingled.conf.5

# Roff reads a leading dot or quote as a request, and a backslash as an escape.
function escaped(text)
{
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    gsub(/"/, "\\(dq", text)
    sub(/^[.']/, "\\\\\\&&", text)
    return text
}

# A line of a table: what stands before two blanks is its tag. Deeper lines go on with the text.
function put_row(line,    gap)
{
    if (line !~ /^  [^ ]/) {
        sub(/^ +/, "", line)
        print escaped(line)
        return
    }
    line = substr(line, 3)
    gap = match(line, /  +/)
    print ".It " escaped(gap ? substr(line, 1, gap - 1) : line)
    if (gap)
        print escaped(substr(line, gap + RLENGTH))
}

# Writes the collected comment. Indented lines that follow each other are one table.
function flush_text(    i, is_row, was_row)
{
    while (count && lines[count] == "")
        count--
    for (i = 1; i <= count; i++) {
        is_row = lines[i] ~ /^  /
        if (was_row && !is_row)
            print ".El"
        if (is_row && !was_row)
            print ".Bl -tag -width 15n -offset 2n -compact"
        if (is_row)
            put_row(lines[i])
        else
            print lines[i] == "" ? ".Pp" : escaped(lines[i])
        was_row = is_row
    }
    if (was_row)
        print ".El"
    count = 0
}

function end_list()
{
    if (in_list)
        print ".El"
    in_list = 0
}

BEGIN {
    print ".\\\" Made from mingled.conf by conf_to_man.awk."
    print ".Dd " date
    print ".Dt MINGLED.CONF 5"
    print ".Os"
    print ".Sh NAME"
    print ".Nm mingled.conf"
    print ".Nd settings of mingled, the chat server"
    print ".Sh SYNOPSIS"
    print ".Pa " confdir "/mingled.conf"
    print ".Sh DESCRIPTION"
}

# The title line of the sample file is NAME here.
NR == 1 { next }

/^\[/ {
    if (!has_section++)
        flush_text()
    end_list()
    print ".Sh SECTION [" toupper(substr($1, 2, length($1) - 2)) "]"
    count = 0
    next
}

/^#[a-z_0-9]+ =/ {
    key = substr($1, 2)
    value = substr($0, index($0, "=") + 2)
    if (!in_list++)
        print ".Bl -tag -width Ds"
    print ".It Ic " escaped(key) " No = " (value == "" ? "" : "Ar " escaped(value))
    flush_text()
    next
}

# A new comment begins after an empty line.
/^$/ { if (has_section) count = 0; else if (count) lines[++count] = ""; next }

/^#/ { sub(/^# ?/, ""); if (count || $0 != "") lines[++count] = $0 }

END {
    end_list()
    print ".Sh SEE ALSO"
    print ".Xr minglectl 1 ,"
    print ".Xr mingled 8"
}
