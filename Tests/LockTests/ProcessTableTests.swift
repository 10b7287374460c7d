import Foundation
import Foundations
import Journal
import PrimitiveKit
import Testing

struct ProcessTableTests {
  private func holder(
    _ pid: Int,
    boot: String = Kernel.boot,
    table: String = Kernel.processTable,
    ticks: Int64? = nil
  )
    -> LockHolder
  {
    var holder = TestLocks.holder("anna", pid: pid)
    holder.boot = boot
    holder.processTable = table
    holder.startTicks = ticks ?? pid_t(exactly: pid).flatMap(ProcessStatus.init(of:))?.startTicks ?? 0
    return holder
  }

  @Test func `this process lives, and so does another user's`() {
    #expect(ProcessTable.isGone(holder(Int(getpid()))) == false)
    #expect(ProcessTable.isGone(holder(1)) == false)
  }

  @Test func `a process that has ended is gone, once nobody can take it for another`() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/cat")
    process.standardInput = Pipe()
    try process.run()
    let pid = Int(process.processIdentifier)
    let found = holder(pid)
    #expect(ProcessTable.isGone(found) == false)
    // Not a signal that the process may have been told to ignore.
    kill(pid_t(pid), SIGKILL)
    process.waitUntilExit()
    #expect(ProcessTable.isGone(found))
    // The same number elsewhere says nothing.
    #expect(ProcessTable.isGone(holder(pid, boot: "another boot")) == false)
    #expect(ProcessTable.isGone(holder(pid, boot: "")) == false)
    #expect(ProcessTable.isGone(holder(pid, table: "pid:[1]")) == false)
    #expect(ProcessTable.isGone(holder(0)) == false)
    #expect(ProcessTable.isGone(holder(.max)) == false)
  }

  @Test func `a number that is used again is another process`() {
    #expect(ProcessTable.isGone(holder(Int(getpid()), ticks: 1)))
  }
}
