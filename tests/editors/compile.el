;;; Runs coship as `M-x compile' does, and prints what Emacs makes of its lines.  -*- lexical-binding: t; -*-
;; In the working directory: FILE|LINE|COLUMN|TYPE for each message, where 2 is an error, 1 a warning, 0 information.

(require 'compile)

;; As it is where Emacs has a window or a terminal of its own.
(setenv "TERM" "dumb")

(let ((buffer (compilation-start "coship check --quiet --against none --output-format concise")))
  (while (process-live-p (get-buffer-process buffer))
    (accept-process-output nil 0.05))
  (accept-process-output nil 0.05)
  (with-current-buffer buffer
    (compilation--ensure-parse (point-max))
    (goto-char (point-min))
    (let ((position (point-min)))
      (while (< position (point-max))
        (let ((message (get-text-property position 'compilation-message)))
          (when message
            (let* ((place (compilation--message->loc message))
                   (file (caar (compilation--loc->file-struct place))))
              (princ (format "%s|%s|%s|%s\n" file (compilation--loc->line place)
                             (compilation--loc->col place)
                             (compilation--message->type message))))))
        (setq position (next-single-property-change position 'compilation-message nil (point-max)))))))
