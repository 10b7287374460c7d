import PrimitiveKit
import SSH
import Synchronization
import Testing

extension SSHTests {
  struct ExecuteTests {
    let server: SSHServer
    let client: SSHClient

    init() throws {
      server = try SSHServer()
      client = try server.client()
    }

    @Test func `a command brings its status and both streams apart`() async throws {
      let result = try await client.execute(SSHCommand("echo out; echo err >&2; exit 7"), on: server.endpoint())
      #expect(result.status == 7)
      #expect(result.signal == nil)
      #expect(result.stdout.text == "out\n")
      #expect(result.stderr.text == "err\n")
      #expect(result.duration > .zero)
    }

    @Test func `a command that a signal ends names the signal`() async throws {
      let result = try await client.execute(SSHCommand("kill -9 $$"), on: server.endpoint())
      #expect(result.status == nil)
      #expect(result.signal == "KILL")
    }

    @Test func `a script runs from standard input`() async throws {
      let whole = try await client.execute(
        SSHCommand("sh -s", stdin: Array("echo hi; exit 3".utf8)),
        on: server.endpoint()
      )
      #expect(whole.stdout.text == "hi\n")
      #expect(whole.status == 3)
    }

    @Test func `bytes of any value survive both ways`() async throws {
      let bytes = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
      let result = try await client.execute(
        SSHCommand("cat", stdin: bytes, outputLimit: 4 << 20),
        on: server.endpoint()
      )
      #expect(result.status == 0)
      #expect(result.stdout.bytes == bytes)
    }

    @Test func `a command that leaves its input unread still ends`() async throws {
      let bytes = [UInt8](repeating: 65, count: 4_000_000)
      let result = try await client.execute(
        SSHCommand("exit 4", stdin: bytes, timeout: .seconds(20)),
        on: server.endpoint()
      )
      #expect(result.status == 4)
    }

    @Test func `long output keeps its head and its tail and counts the rest`() async throws {
      let result = try await client.execute(
        SSHCommand("seq 1 100000", outputLimit: 1000),
        on: server.endpoint()
      )
      #expect(result.status == 0)
      #expect(result.stdout.bytes.count == 1000)
      #expect(result.stdout.dropped == 588_895 - 1000)
      #expect(result.stdout.gap == 500)
      #expect(result.stdout.text.hasPrefix("1\n2\n3\n"))
      #expect(result.stdout.text.hasSuffix("99999\n100000\n"))
    }

    @Test func `a flood is cut off`() async throws {
      let command = SSHCommand("yes", outputLimit: 1000, floodLimit: 8 << 20)
      let result = try await client.execute(command, on: server.endpoint())
      #expect(result.flooded)
      #expect(result.status == nil)
      #expect(result.stdout.bytes.count == 1000)
      let next = try await client.execute(SSHCommand("echo still here"), on: server.endpoint())
      #expect(next.stdout.text == "still here\n")
      #expect(server.logins == 1)
    }

    @Test func `output is seen while the command runs`() async throws {
      let seen = Mutex<[String]>([])
      let command = SSHCommand("echo one; read x; echo two >&2") { stream, bytes in
        seen.withLock { $0.append("\(stream) \(String(decoding: bytes, as: UTF8.self))") }
      }
      _ = try await client.execute(command, on: server.endpoint())
      #expect(seen.withLock { $0 } == ["stdout one\n", "stderr two\n"])
    }

    /// A line whose end the shell tells by a mark, as a watched command does.
    private func marked(_ line: String) -> SSHCommand {
      var command = SSHCommand(
        "sh -c '\(line)'; s=$?; printf '\\nthe-end %s\\n' $s >&2; exit $s",
        timeout: .seconds(30)
      )
      command.endMark = "the-end"
      return command
    }

    @Test func `a command ends with its shell although a background child holds its streams`() async throws {
      let result = try await client.execute(marked("sleep 30 & echo out; echo err >&2; exit 3"), on: server.endpoint())
      #expect(result.status == 3 && result.leftRunning)
      #expect(result.stdout.text == "out\n" && result.stderr.text == "err\n")
      #expect(result.duration < .seconds(10))
      let next = try await client.execute(SSHCommand("echo next"), on: server.endpoint())
      #expect(next.stdout.text == "next\n")
    }

    @Test func `a command that ended in time is not late because something holds its streams`() async throws {
      _ = try await client.execute(SSHCommand("true"), on: server.endpoint())
      var command = marked("sleep 2; sleep 30 & exit 3")
      // Its shell has ended when the time is up, and its streams are still listened to.
      command.timeout = .milliseconds(2700)
      let result = try await client.execute(command, on: server.endpoint())
      #expect(result.status == 3 && result.leftRunning)
    }

    @Test func `what a background child writes later is no part of the answer`() async throws {
      let line = "(sleep 0.2; echo late >&2; sleep 30) & echo err >&2; printf x >&2"
      let result = try await client.execute(marked(line), on: server.endpoint())
      #expect(result.status == 0 && result.leftRunning)
      #expect(result.stderr.text == "err\nx")
    }

    @Test func `a command that leaves nothing running ends as ever, without its mark`() async throws {
      let result = try await client.execute(marked("seq 1 50000 >&2; exit 5"), on: server.endpoint())
      #expect(result.status == 5 && !result.leftRunning)
      #expect(result.stderr.text.hasSuffix("49999\n50000\n"))
    }

    @Test func `what had come of a command that takes too long is kept`() async throws {
      let error = await #expect(throws: SSHError.self) {
        let command = SSHCommand("echo one; echo two >&2; sleep 60", timeout: .seconds(4))
        return try await client.execute(command, on: server.endpoint())
      }
      guard case .timedOut(_, _, effectPossible: true, let got?) = error else {
        Issue.record("no partial answer: \(String(describing: error))")
        return
      }
      #expect(got.stdout.text == "one\n" && got.stderr.text == "two\n" && got.status == nil)
      #expect(got.duration > .seconds(1) && got.duration < .seconds(20))
    }

    @Test func `a command that is too long is not sent, and no host is to blame`() async throws {
      let error = await #expect(throws: SSHError.self) {
        try await client.execute(SSHCommand("true #" + String(repeating: "x", count: 35_000)), on: server.endpoint())
      }
      #expect(error?.code == "command.too_long" && error?.failureClass == .invalid && error?.mark == .local)
      #expect(error?.message == "the command is too long (36 kB, limit 32 kB)")
      #expect(server.logins == 0)
      let fits = SSHCommand("true #" + String(repeating: "x", count: CommandLimit.sent - 6))
      #expect(try await client.execute(fits, on: server.endpoint()).status == 0)
    }

    @Test func `a command that takes too long is left and may still run`() async throws {
      let error = await #expect(throws: SSHError.self) {
        try await client.execute(SSHCommand("sleep 60", timeout: .milliseconds(300)), on: server.endpoint())
      }
      #expect(error?.code == "ssh.timeout")
      #expect(error?.effectPossible == true)
      let next = try await client.execute(SSHCommand("echo next"), on: server.endpoint())
      #expect(next.stdout.text == "next\n")
    }

    @Test func `a cancelled call throws at once and says whether something may run`() async throws {
      _ = try await client.execute(SSHCommand("true"), on: server.endpoint())
      let begun = AsyncStream<Void>.makeStream()
      let endpoint = server.endpoint()
      let task = Task {
        try await client.execute(
          SSHCommand("echo begun; sleep 60") { _, _ in begun.continuation.yield() },
          on: endpoint
        )
      }
      for await _ in begun.stream { break }
      let clock = ContinuousClock()
      let begin = clock.now
      task.cancel()
      let result = await task.result
      #expect(clock.now - begin < .seconds(5))
      #expect(throws: SSHError.cancelled(endpoint, effectPossible: true)) { try result.get() }
    }

    @Test func `a call cancelled before it begins sends nothing`() async throws {
      let endpoint = server.endpoint()
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await client.execute(SSHCommand("true"), on: endpoint)
      }
      let result = await task.result
      #expect(throws: SSHError.cancelled(endpoint, effectPossible: false)) { try result.get() }
      #expect(server.logins == 0)
    }
  }
}
