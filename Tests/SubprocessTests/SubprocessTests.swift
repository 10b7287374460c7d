import Foundation
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

  @Test func `with a drain it ends with the program, although what it started holds its pipes`() async throws {
    var child = shell("sleep 1000 & echo out $!; exit 3")
    child.drain = .milliseconds(50)
    let ending = try await child.run()
    let process = numbers(ending.output)
    defer { for process in process { kill(process, SIGKILL) } }
    #expect(ending.status == 3 && ending.leftRunning && !ending.timedOut)
    #expect(String(decoding: ending.output, as: UTF8.self).hasPrefix("out "))
    var quick = shell("echo out")
    quick.drain = .seconds(30)
    let whole = try await quick.run()
    #expect(whole.status == 0 && !whole.leftRunning)
  }

  @Test func `a signal is no status`() async throws {
    let ending = try await shell("kill -9 $$").run()
    #expect(ending.signal == 9)
    #expect(ending.status == nil)
  }

  @Test func `the whole group is killed when the time is up`() async throws {
    // Neither of the two obeys SIGTERM, and the inner one is not ours to wait for.
    var child = shell("trap '' TERM; sh -c 'trap \"\" TERM; sleep 60' & echo $! $$; sleep 60")
    child.timeout = .milliseconds(100)
    child.grace = .milliseconds(100)
    let ending = try await child.run()
    #expect(ending.timedOut)
    #expect(ending.signal == 9)
    let processes = numbers(ending.output)
    #expect(processes.count == 2)
    for process in processes { #expect(await isGone(process), "\(process) still runs") }
  }

  @Test func `a program that closed its pipes is ended when the time is up`() async throws {
    var child = shell("echo $$; exec >&- 2>&-; exec sleep 1000")
    child.timeout = .milliseconds(100)
    let ending = try await child.run()
    #expect(ending.timedOut)
    #expect(ending.signal == 15)
    #expect(await isGone(try #require(numbers(ending.output).first)))
  }

  @Test func `a program that closed its pipes and ignores SIGTERM is killed after the grace`() async throws {
    var child = shell("trap '' TERM; exec >&- 2>&-; exec sleep 1000")
    child.timeout = .milliseconds(50)
    child.grace = .milliseconds(50)
    let ending = try await child.run()
    #expect(ending.timedOut)
    #expect(ending.signal == 9)
  }

  @Test func `cancelling ends a program that closed its pipes`() async throws {
    var child = shell("echo up; exec >&- 2>&-; exec sleep 1000")
    let (lines, arrived) = AsyncStream<Void>.makeStream()
    child.onOutput = { _ in arrived.yield() }
    let task = Task { [child] in try await child.run() }
    for await _ in lines { break }
    task.cancel()
    let ending = try await task.value
    #expect(ending.cancelled)
    #expect(ending.signal == 15)
  }

  @Test func `a program that is asked to end may say a last word`() async throws {
    var child = shell("trap 'echo last; exit 7' TERM; echo first; while :; do sleep 0.05; done")
    child.timeout = .milliseconds(300)
    let ending = try await child.run()
    #expect(ending.timedOut)
    #expect(ending.output == Array("first\nlast\n".utf8))
    #expect(ending.status == 7)
  }

  @Test func `what a program starts with pipes of its own outlives it`() async throws {
    let ending = try await shell("sleep 60 >/dev/null 2>&1 & echo $!").run()
    #expect(ending.status == 0)
    let process = try #require(numbers(ending.output).first)
    #expect(kill(process, 0) == 0)
    kill(process, SIGKILL)
  }

  @Test func `what a program leaves at its pipes is waited for, until the time is up`() async throws {
    var child = shell("sleep 60 & echo $!")
    child.timeout = .milliseconds(200)
    let ending = try await child.run()
    #expect(ending.timedOut)
    #expect(ending.status == 0)
    #expect(await isGone(try #require(numbers(ending.output).first)))
  }

  private func numbers(_ output: [UInt8]) -> [pid_t] {
    String(decoding: output, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
  }

  /// Whether a process ends: a signal needs an instant, and nobody may be there to reap what had another parent.
  private func isGone(_ process: pid_t) async -> Bool {
    for _ in 0..<500 {
      guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
      if stat.contains(") Z ") || stat.contains(") X ") { return true }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return false
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
