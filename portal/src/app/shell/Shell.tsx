import { Outlet } from '@tanstack/react-router'
import { useSession } from '@/app/session'

export function Shell() {
  const { tenant } = useSession()
  return (
    <>
      <header>{tenant.name}</header>
      <main>
        <Outlet />
      </main>
    </>
  )
}
