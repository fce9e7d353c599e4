# For the scripts beside this one: where the tree is and how a violation is reported. To be sourced.

# Each script looks at the tree given as its first argument, else at the one it lies in.
tree=${1:-$(dirname "${BASH_SOURCE[0]}")/../..}
cd "$tree"

# c_files FOLDER...: the C files below those of the folders that exist, in a fixed order.
c_files() {
    local folder
    for folder in "$@"; do
        [ ! -d "$folder" ] || find "$folder" -name '*.[ch]'
    done | LC_ALL=C sort
}

# verdict NAME: takes violations from stdin, prints them and fails when there are any.
verdict() {
    local found
    found=$(cat)
    [ -n "$found" ] || return 0
    printf '%s\n' "$found"
    printf '%s: %d violation(s)\n' "$1" "$(wc -l <<<"$found")" >&2
    return 1
}
