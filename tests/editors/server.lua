-- Opens m.py with coship as Neovim's server, as editors/neovim/lsp/coship.lua says it, and prints the diagnostics. COSHIP_LSP is that file.
-- Neovim 0.11 starts it by `vim.lsp.enable`; older ones by the function that this calls.
local config = dofile(vim.env.COSHIP_LSP)
assert(vim.tbl_contains(config.filetypes, 'python'))
vim.cmd('edit m.py')
local client = vim.lsp.start_client({
  name = 'coship',
  cmd = config.cmd,
  root_dir = vim.fn.getcwd(),
})
vim.lsp.buf_attach_client(0, client)
vim.wait(30000, function() return #vim.diagnostic.get(0) > 0 end, 50)
for _, found in ipairs(vim.diagnostic.get(0)) do
  io.stdout:write(('%d|%d|%s|%s\n'):format(found.lnum + 1, found.severity, found.code or '', found.message))
end
vim.lsp.stop_client(client)
vim.cmd('qall!')
