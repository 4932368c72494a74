;;; Opens m.py with coship as Eglot's server, and prints the diagnostics that Flymake shows.  -*- lexical-binding: t; -*-
;; Emacs 29 has Eglot; before that it is a package. COSHIP_EGLOT is the file that is to be tried.

(require 'package)
(unless (require 'eglot nil t)
  (package-initialize)
  (require 'eglot))
(load (getenv "COSHIP_EGLOT"))

(find-file "m.py")
(unless (derived-mode-p 'python-mode)
  (python-mode))
(apply #'eglot--connect (eglot--guess-contact))
(let ((end (+ (float-time) 30)))
  (while (and (null (flymake-diagnostics)) (< (float-time) end))
    (accept-process-output nil 0.1)))
(dolist (found (flymake-diagnostics))
  (princ (format "%s|%s|%s\n" (line-number-at-pos (flymake-diagnostic-beg found))
                 (flymake-diagnostic-type found) (flymake-diagnostic-text found))))
(eglot-shutdown (eglot-current-server))
