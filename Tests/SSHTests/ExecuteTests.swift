import SSH
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
      await client.close()
    }
  }
}
