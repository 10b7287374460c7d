import Foundations
import Glibc
import Testing

@testable import Foundations

struct ProcessStatusTests {
  @Test func `this process runs and has a start`() throws {
    let own = try #require(ProcessStatus(of: getpid()))
    #expect(own.pid == getpid() && own.parent == getppid() && own.startTicks > 0 && !own.isOver)
    #expect(ProcessStatus(of: -1) == nil)
  }

  @Test func `a name may hold spaces and parentheses`() throws {
    let fields = (4...30).map(String.init).joined(separator: " ")
    let status = try #require(ProcessStatus(pid: 7, line: "7 (a) (b c)) Z \(fields)\n"))
    #expect(status.name == "a) (b c)" && status.state == "Z")
    #expect(status.parent == 4 && status.threads == 20 && status.startTicks == 22)
  }

  @Test(arguments: [("Z", 1, true), ("X", 1, true), ("Z", 2, false), ("S", 1, false)])
  func `a zombie with threads is not over`(state: String, threads: Int, isOver: Bool) throws {
    let fields = (4...19).map(String.init).joined(separator: " ")
    #expect(try #require(ProcessStatus(pid: 7, line: "7 (x) \(state) \(fields) \(threads) 21 22")).isOver == isOver)
  }

  @Test(arguments: ["", "7 x S", ")(", "7 (x) S 1 2 3"])
  func `a line that is cut short is no process`(line: String) {
    #expect(ProcessStatus(pid: 7, line: line) == nil)
  }

  @Test func `the kernel tells boot, program and process table`() {
    #expect(Kernel.boot.count == 36 && Kernel.processTable.hasPrefix("pid:["))
    #expect(Kernel.program?.hasPrefix("/") == true)
  }
}
