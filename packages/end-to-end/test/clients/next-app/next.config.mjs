import path from 'node:path';

// the app lies in a folder below the one with its packages
export default { turbopack: { root: path.dirname(import.meta.dirname) } };
