export { BrowserClient, type BrowserSettings } from './browser-client.js';
export { defineConnectButton } from './connect-button.js';
