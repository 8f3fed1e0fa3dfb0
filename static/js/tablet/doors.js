// Which addresses open the console by themselves: of each day that is prepared, and of a day whose list is wiped as long as
// something noted on it waits. The service worker looks here.
import { waitingByDay } from "./store.js";

const DAYS = "jemput-bola-days";
const addressOf = (driveDay) => `/today/${driveDay}/`;

export const openDoor = async (driveDay) => (await caches.open(DAYS)).put(addressOf(driveDay), new Response(""));

// Shut the doors behind which nothing is left.
export async function shutDoors(db) {
  const cache = await caches.open(DAYS);
  const days = [...(await db.getAllKeys("packs")), ...Object.keys(await waitingByDay(db))];
  const needed = new Set(days.map(addressOf));
  for (const request of await cache.keys()) {
    if (!needed.has(new URL(request.url).pathname)) await cache.delete(request);
  }
}
