# bash completion for minglectl(1). A test compares the commands with those of the daemon.

_minglectl()
{
    local commands="help status sessions rooms tasks settings stats log say kick ban unban bans why trace
        reload drain shutdown"
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command= at

    COMPREPLY=()
    if [[ $previous == --socket ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
    fi
    for ((at = 1; at < COMP_CWORD; at++)); do
        case ${COMP_WORDS[at]} in
        --socket) ((at++)) ;;
        -*) ;;
        *) command=${COMP_WORDS[at]} && break ;;
        esac
    done
    case $command in
    '') set -- "$commands --socket --json --help --version" ;;
    help) set -- "$commands" ;;
    drain) set -- off ;;
    trace) [[ $previous == trace ]] && set -- --next || set -- off ;;
    shutdown) set -- "--in cancel" ;;
    log) [[ $previous == log ]] && set -- level || set -- "error warning notice info debug" ;;
    *) return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

complete -F _minglectl minglectl
