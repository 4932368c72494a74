" Vim compiler file: `:compiler coship`, then `:make` fills the quickfix list with coship's findings.
"
" Install: copy it to ~/.vim/compiler/ (Neovim: ~/.config/nvim/compiler/), or put the directory editors/vim on 'runtimepath'.
" Arguments of `:make` go to `coship check`: `:make --against v1.4`.
if exists("current_compiler")
  finish
endif
let current_compiler = "coship"

let s:cpo_save = &cpo
set cpo&vim

if exists(":CompilerSet") != 2
  command -nargs=* CompilerSet setlocal <args>
endif

CompilerSet makeprg=coship\ check\ --output-format\ concise\ --color\ never\ $*
" path:line:column: severity: message [rule]. %t takes the first letter of the severity, the rest of the word is passed over. The first and
" the last line of the report are not of this form and are left out.
CompilerSet errorformat=%f:%l:%c:\ %t%*[a-z]:\ %m,%-G%.%#

let &cpo = s:cpo_save
unlet s:cpo_save
