# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion for resyncctl: the program itself says what may stand next.

_resyncctl() {
    local line replies=()
    COMPREPLY=()
    # the shell splits at "=": what follows one is a value, and nobody knows values
    [[ ${COMP_WORDS[COMP_CWORD]} == "=" || ${COMP_WORDS[COMP_CWORD - 1]} == "=" ]] && return 0
    while IFS= read -r line; do
        case $line in
            :files) compopt -o default ;;
            :nospace) compopt -o nospace ;;
            :programs) mapfile -t replies < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}") ;;
            *) replies+=("$line") ;;
        esac
    done < <("${COMP_WORDS[0]}" __complete "$COMP_CWORD" "${COMP_WORDS[@]}" 2>/dev/null)
    COMPREPLY=("${replies[@]}")
}
complete -F _resyncctl resyncctl
