# Completion for fish, by what the one for bash lists; where that is nothing, files. Without bash it is files alone.
set -g __tidemark_list (status dirname)/../../bash-completion/completions/tidemark

function __tidemark_complete
    set -l list (bash $__tidemark_list (commandline -opc) (commandline -ct) 2>/dev/null)
    if set -q list[1]
        printf '%s\n' $list
    else
        __fish_complete_path (commandline -ct)
    end
end

complete -c tidemark -f -a '(__tidemark_complete)'
