;;; coship-eglot.el --- coship as Eglot's server for Python  -*- lexical-binding: t; -*-

;; Emacs 29 or newer, which has Eglot. Load this file, then `M-x eglot' in a Python buffer.
;; Eglot talks to one server for a mode: where another one serves Python, choose with `C-u M-x eglot'.

;;; Code:

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               '((python-mode python-ts-mode) . ("coship" "server"))))

(provide 'coship-eglot)
;;; coship-eglot.el ends here
