// Activates the extension for VS Code with stand-ins for the two modules that it needs, and prints what it starts for which files.
// node extension.cjs PATH-OF-extension.js
const Module = require('module');

const settings = { path: 'coship', args: ['--against', 'v1'] };
const standIns = {
  vscode: { workspace: { getConfiguration: (section) => ({ get: (key) => (section === 'coship' ? settings[key] : undefined) }) } },
  'vscode-languageclient/node': {
    LanguageClient: class {
      constructor(id, name, server, client) {
        Object.assign(this, { id, name, server, client });
      }

      async start() {
        console.log(JSON.stringify({ id: this.id, server: this.server, client: this.client }));
      }

      async stop() {
        console.log('stopped');
      }
    },
  },
};
const load = Module._load;
Module._load = (name, ...rest) => standIns[name] ?? load(name, ...rest);

const extension = require(process.argv[2]);
extension.activate().then(() => extension.deactivate());
