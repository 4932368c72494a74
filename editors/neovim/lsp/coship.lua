-- Neovim 0.11 or newer. Copy it to ~/.config/nvim/lsp/ (or put editors/neovim on 'runtimepath'), then in init.lua: vim.lsp.enable('coship')
---@type vim.lsp.Config
return {
  cmd = { 'coship', 'server' },
  filetypes = { 'python' },
  root_markers = { 'coship.toml', 'pyproject.toml', '.git' },
}
