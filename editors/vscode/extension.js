// VS Code: `npm install` here, then copy or link this directory into ~/.vscode/extensions/.
const { workspace } = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;

function activate() {
  const settings = workspace.getConfiguration('coship');
  const server = { command: settings.get('path'), args: ['server', ...settings.get('args')] };
  client = new LanguageClient('coship', 'coship', server, {
    documentSelector: [{ scheme: 'file', language: 'python' }],
  });
  return client.start();
}

function deactivate() {
  return client && client.stop();
}

module.exports = { activate, deactivate };
