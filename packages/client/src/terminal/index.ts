export { connectTerminal, raiseFromTerminal, type TerminalOptions, type TerminalSettings } from './connect-terminal.js';
export { openTokenFile, type TokenFile } from './token-file.js';
