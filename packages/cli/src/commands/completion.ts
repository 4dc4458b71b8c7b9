import { defineCommand } from "../command.ts";
import { usageError } from "../failure.ts";

/** The words before the cursor go to `emet __complete`, which prints what the last may become, one a line. */
const scripts: { readonly [shell: string]: string } = {
  bash: `_emet() {
  local reply current="\${COMP_WORDS[COMP_CWORD]}" IFS=$'\\n'
  reply="$(emet __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)"
  if [ "$reply" = ":file" ]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$current"))
  else
    COMPREPLY=($reply)
    case "$reply" in */) compopt -o nospace 2>/dev/null ;; esac
  fi
}
complete -F _emet emet`,
  zsh: `#compdef emet
_emet() {
  local -a reply
  reply=("\${(@f)$(emet __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "$reply[1]" = ":file" ]]; then
    _files
  else
    compadd -U -- \${reply:#*/}
    compadd -U -S '' -- \${(M)reply:#*/}
  fi
}
compdef _emet emet`,
  fish: `function __emet_complete
    set -l reply (emet __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)
    if test "$reply" = ":file"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $reply
    end
end
complete -c emet -f -a '(__emet_complete)'`,
};

const shells = Object.keys(scripts);

export const command = defineCommand({
  summary: "print a script that completes commands in a shell",
  details: "It completes names of components, workers and functions, too.",
  arguments: { shell: { summary: shells.join(", ") } },
  options: {},
  examples: [{ line: "emet completion bash >> ~/.bashrc", summary: "For every new bash." }],
  run: async ({ args, session: { out } }) => {
    const script = Object.hasOwn(scripts, args.shell) ? scripts[args.shell] : undefined;
    if (script === undefined)
      throw usageError(`there is no completion for "${args.shell}": it must be ${shells.join(", ")}`);
    await out.line(script);
  },
});
