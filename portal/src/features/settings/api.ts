import { queryOptions } from '@tanstack/react-query'
import { armDelete, armList, armPut, type Resource } from '@/api/arm'
import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/settings'

const LOCK_VERSION = '2020-05-01'
const LOCKS = 'providers/Microsoft.Authorization/locks'

export type LockLevel = 'CanNotDelete' | 'ReadOnly'
export type Lock = Resource<{ readonly level: LockLevel; readonly notes?: string }>

/** Locks at the workspace itself. */
export function locksQuery(workspace: string) {
  return queryOptions({
    queryKey: ['locks', workspace],
    queryFn: ({ signal }) =>
      armList<Lock>(
        `${workspace}/${LOCKS}?api-version=${LOCK_VERSION}&$filter=atScope()`,
        LOCK_VERSION,
        signal,
      ),
  })
}

export function createLock(workspace: string, name: string, level: LockLevel, notes: string): Promise<Lock> {
  const path = `${workspace}/${LOCKS}/${encodeURIComponent(name)}`
  return armPut<Lock>(path, LOCK_VERSION, { properties: { level, ...(notes === '' ? {} : { notes }) } })
}

export function removeLock(lock: Lock): Promise<void> {
  return armDelete(lock.id, LOCK_VERSION, { etag: lock.etag })
}

/** Makes what is not there yet (`before` is null), or changes the version that somebody saw. Raises `ApiError`. */
export async function keep<T extends Resource<unknown>>(
  path: string,
  version: string,
  document: unknown,
  before: T | null,
): Promise<T> {
  try {
    return await armPut<T>(path, version, document, before ? { etag: before.etag } : { isNew: true })
  } catch (failure) {
    if (!(failure instanceof ApiError) || failure.status !== 412) throw failure
    const { code, correlationId } = failure
    const taken = [{ code, message: t.nameTaken, target: 'name' }]
    const message = before ? t.changedMeanwhile : t.nameTaken
    throw new ApiError(412, code, message, before ? [] : taken, correlationId)
  }
}
