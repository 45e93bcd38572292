# complete.zsh FOLDER LINE...: what an interactive zsh, with the _sqtail of FOLDER, makes of each line when TAB is pressed.
zmodload zsh/zpty
folder=$1 told=$(mktemp)
shift
zpty -b shell zsh -f -i
zpty -w shell "PROMPT= RPROMPT=; fpath=($folder \$fpath); autoload -Uz compinit; compinit -u -D; unsetopt beep list_beep
tell() { print -rn -- \"\$BUFFER\" > $told.new; mv $told.new $told; BUFFER=; }
zle -N tell; bindkey '^X' tell; bindkey '^I' complete-word"
for line; do
    rm -f $told
    zpty -w -n shell "$line"$'\t\x18'
    for ((i = 0; i < 200; i++)); do
        [[ -e $told ]] && break
        zpty -r -t shell out
        sleep 0.05
    done
    print -r -- "$(< $told)|"
done
zpty -d shell
rm -f $told
