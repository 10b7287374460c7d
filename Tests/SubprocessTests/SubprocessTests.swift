import Subprocess
import Testing

@Suite(.timeLimit(.minutes(1))) struct SubprocessTests {
  func shell(_ line: String) -> Subprocess { Subprocess(path: "/bin/sh", arguments: ["-c", line]) }

  @Test func `streams, input and status come back`() async throws {
    var child = shell("cat; echo wrong >&2; exit 3")
    child.input = Array("hello\n".utf8)
    let ending = try await child.run()
    #expect(ending.output == Array("hello\n".utf8))
    #expect(ending.errorOutput == Array("wrong\n".utf8))
    #expect(ending.status == 3)
  }

  @Test func `a signal is no status`() async throws {
    let ending = try await shell("kill -9 $$").run()
    #expect(ending.signal == 9)
    #expect(ending.status == nil)
  }

  @Test func `the whole group is killed when the time is up`() async throws {
    var child = shell("sleep 60 & sleep 60")
    child.timeout = .milliseconds(100)
    let ending = try await child.run()
    #expect(ending.timedOut)
  }

  @Test func `a flood keeps its head and tail and is stopped`() async throws {
    var child = shell("yes")
    child.outputLimit = 1000
    child.floodLimit = 1 << 20
    let ending = try await child.run()
    #expect(ending.output.count == 1000)
    #expect(ending.dropped > 1 << 19)
    #expect(ending.signal != nil)
  }

  @Test func `cancelling ends the group`() async throws {
    let child = shell("echo up; sleep 60")
    let (lines, arrived) = AsyncStream<Void>.makeStream()
    var watched = child
    watched.onOutput = { _ in arrived.yield() }
    let task = Task { [watched] in try await watched.run() }
    for await _ in lines { break }
    task.cancel()
    #expect(try await task.value.cancelled)
  }

  @Test func `a missing program is an error`() async {
    let error = await #expect(throws: SubprocessError.self) {
      try await Subprocess(path: "/no/such", arguments: []).run()
    }
    #expect(error?.reason == "No such file or directory")
  }

  @Test func `much input and much output at once do not block`() async throws {
    var child = shell("cat")
    child.input = [UInt8](repeating: 65, count: 4 << 20)
    child.outputLimit = 8 << 20
    #expect(try await child.run().output.count == 4 << 20)
  }
}
