import path from 'node:path';

// the app's packages are installed in the parent folder
export default { turbopack: { root: path.dirname(import.meta.dirname) } };
