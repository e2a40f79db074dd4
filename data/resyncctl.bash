# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion for resyncctl: the program itself says what may stand next.

_resyncctl() {
    local i word line joined= words=() replies=()
    COMPREPLY=()
    # the shell has split at "="; what was one word becomes one again
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $i -gt 0 && ($word == "=" || $joined) ]]; then
            words[-1]+=$word
            joined=
            [[ $word == "=" ]] && joined=yes
        else
            words+=("$word")
        fi
    done
    # of values, the shell can complete those that are files
    case ${words[-1]} in
        --config=* | --catalogue=*) compopt -o default; return 0 ;;
        *=*) return 0 ;;
    esac
    while IFS= read -r line; do
        case $line in
            :files) compopt -o default ;;
            :nospace) compopt -o nospace ;;
            :programs) mapfile -t replies < <(compgen -c -- "${words[-1]}") ;;
            *) replies+=("$line") ;;
        esac
    done < <("${words[0]}" __complete "$((${#words[@]} - 1))" "${words[@]}" 2>/dev/null)
    COMPREPLY=("${replies[@]}")
}
complete -F _resyncctl resyncctl
