// The key of this tablet: made at random, wrapped by the operator's PIN, never readable by a script once it is in use.
const ITERATIONS = 600_000;
const FREE_TRIES = 5;
const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 15 * 60_000;
export const SHORTEST_PIN = 6;

const cipher = (iv) => ({ name: "AES-GCM", iv });
const random = (length) => crypto.getRandomValues(new Uint8Array(length));

async function wrappingKey(pin, salt) {
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS };
  return crypto.subtle.deriveKey(how, typed, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

const unwrap = (kept, wrapping) =>
  crypto.subtle.unwrapKey("raw", kept.wrapped, wrapping, cipher(kept.iv), "AES-GCM", false, ["encrypt", "decrypt"]);

export const isGoodPin = (pin) => new RegExp(`^\\d{${SHORTEST_PIN},}$`).test(pin) && new Set(pin).size > 1;

export async function createVault(db, pin) {
  const salt = random(16), iv = random(12);
  const wrapping = await wrappingKey(pin, salt);
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  const wrapped = await crypto.subtle.wrapKey("raw", key, wrapping, cipher(iv));
  const kept = { salt, iv, wrapped, failures: 0, pausedUntil: 0 };
  await db.put("keys", kept, "vault");
  return new Vault(await unwrap(kept, wrapping));
}

export const hasVault = async (db) => Boolean(await db.get("keys", "vault"));
export const forgetVault = (db) => db.delete("keys", "vault");

// Milliseconds until the next PIN may be tried; the clock set back does not shorten it below one pause.
export async function pauseLeft(db, now = Date.now()) {
  const kept = await db.get("keys", "vault");
  return kept ? Math.min(Math.max(0, kept.pausedUntil - now), LONGEST_PAUSE) : 0;
}

// The vault; or null for a wrong PIN, which from the fifth on costs time.
export async function openVault(db, pin, now = Date.now()) {
  const kept = await db.get("keys", "vault");
  if (!kept || (await pauseLeft(db, now))) return null;
  try {
    const key = await unwrap(kept, await wrappingKey(pin, kept.salt));
    if (kept.failures) await db.put("keys", { ...kept, failures: 0, pausedUntil: 0 }, "vault");
    return new Vault(key);
  } catch (problem) {
    if (problem.name !== "OperationError") throw problem;
    const failures = kept.failures + 1;
    const pause = failures < FREE_TRIES ? 0 : Math.min(FIRST_PAUSE * 2 ** (failures - FREE_TRIES), LONGEST_PAUSE);
    await db.put("keys", { ...kept, failures, pausedUntil: now + pause }, "vault");
    return null;
  }
}

class Vault {
  #key;

  constructor(key) { this.#key = key; }

  async seal(value) {
    const iv = random(12);
    return { iv, data: await crypto.subtle.encrypt(cipher(iv), this.#key, new TextEncoder().encode(JSON.stringify(value))) };
  }

  async unseal({ iv, data }) {
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(cipher(iv), this.#key, data)));
  }
}
