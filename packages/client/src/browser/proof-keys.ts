import { generateKeyPair } from 'oauth4webapi';

const databaseName = 'aipassport-client';
const storeName = 'proof-keys';

/**
 * Returns the DPoP key pair of this client in this browser. It is made at the first use and kept in IndexedDB. The
 * private key cannot be extracted, so a script that an attacker gets into the page cannot steal it.
 *
 * @param name the client's name. Each client has its own key pair
 */
export async function openProofKeys(name: string): Promise<CryptoKeyPair> {
  const database = await open();
  try {
    const found = await find(database, name);
    if (found !== undefined) return found;
    await add(database, name, await generateKeyPair('ES256'));
    // If two tabs made a pair at once, both use the pair that was stored first.
    const stored = await find(database, name);
    if (stored === undefined) throw new Error('The key pair was not stored.');
    return stored;
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(databaseName, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(storeName);
  return settle(request);
}

function find(database: IDBDatabase, name: string): Promise<CryptoKeyPair | undefined> {
  return settle(database.transaction(storeName).objectStore(storeName).get(name));
}

async function add(database: IDBDatabase, name: string, pair: CryptoKeyPair): Promise<void> {
  const transaction = database.transaction(storeName, 'readwrite');
  await settle(transaction.objectStore(storeName).add(pair, name)).catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === 'ConstraintError')) throw error;
  });
}

function settle<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = (event) => {
      // Without this call, the error would abort the transaction, and the browser would report it to the page.
      event.preventDefault();
      reject(request.error ?? new Error('IndexedDB failed.'));
    };
  });
}
