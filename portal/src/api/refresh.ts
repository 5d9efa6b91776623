import type { QueryClient, QueryKey } from '@tanstack/react-query'

/**
 * Reads anew what a change may have changed. A first reading that is still under way is given up: it may have been
 * answered before the change, and invalidating alone would wait for it and be content.
 */
export async function refresh(client: QueryClient, queryKey: QueryKey): Promise<void> {
  await client.cancelQueries({ queryKey })
  await client.invalidateQueries({ queryKey })
}
