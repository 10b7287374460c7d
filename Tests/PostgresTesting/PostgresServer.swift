import Foundation
import Glibc
import PostgresClient
import Synchronization

/// A PostgreSQL server of the tests' own: in a temporary directory, reached by a local socket, gone with the process.
package final class PostgresServer: Sendable {
  /// Where its socket is.
  package let directory: String
  private let keeper: Mutex<Pipe?>

  /// The server that the tests of a process share; raised at the first use.
  package static func shared() async throws -> PostgresServer { try await starting.value }

  private static let starting = Task { try PostgresServer() }

  /// What the role of `url` is given when a server is raised with a password.
  package static let password = "correct horse"

  /// Raises a server; `authentication` is a method of pg_hba.conf.
  package init(authentication: String = "trust") throws {
    let directory = NSTemporaryDirectory() + "opsh-pg-\(UUID().uuidString.prefix(8))"
    self.directory = directory
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", PostgresServer.script, "sh", directory, authentication, PostgresServer.password]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    keeper = Mutex(input)
    let answer = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard answer == "ready\n" else { throw ServerProblem(answer: answer) }
  }

  /// Why there is no server, in the words of its tools.
  struct ServerProblem: Error {
    let answer: String
  }

  // The shell waits for the end of its input, which comes however this process ends, and then stops the server.
  private static let script = """
    trap '' INT HUP TERM
    dir=$1
    PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
    mkdir -m 700 "$dir" || exit 1
    as=
    # The server refuses to run as root.
    if [ "$(id -u)" -eq 0 ]; then chown nobody "$dir"; as='setpriv --reuid=nobody --clear-groups'; fi
    cd "$dir" || exit 1
    printf '%s\n' "$3" >"$dir/password"
    chmod 644 "$dir/password"
    $as initdb -D "$dir/data" -U opsh -A "$2" --pwfile "$dir/password" --no-locale -E UTF8 --no-sync >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
    options="-k $dir -c listen_addresses= -c fsync=off -c shared_buffers=16MB -c max_connections=200"
    $as pg_ctl -D "$dir/data" -s -w -l "$dir/data/log" -o "$options" start || { cat "$dir/data/log"; exit 1; }
    echo ready
    while read -r word; do $as pg_ctl -D "$dir/data" -s -w -m immediate -l "$dir/data/log" "$word" </dev/null; done
    $as pg_ctl -D "$dir/data" -s -w -m immediate stop
    rm -rf "$dir"
    """

  /// Has `pg_ctl` do something: `restart` or `stop`; does not wait.
  package func control(_ word: String) throws {
    try keeper.withLock { try $0?.fileHandleForWriting.write(contentsOf: Data("\(word)\n".utf8)) }
  }

  /// Stops it for good.
  package func end() {
    keeper.withLock { keeper in
      try? keeper?.fileHandleForWriting.close()
      keeper = nil
    }
  }

  /// The URL of the server's first database, or of a schema in it.
  package func url(schema: String? = nil) -> String {
    let path = schema.map { "&options=-csearch_path%3D\($0)" } ?? ""
    return "postgres://opsh@/postgres?host=\(directory)\(path)"
  }

  /// The URL of a new, empty schema.
  package func newSchema() async throws -> String {
    let name = "t" + UUID().uuidString.replacing("-", with: "").lowercased()
    let connection = PostgresConnection(address: try PostgresAddress(url()))
    try await connection.open(within: .seconds(120))
    try await connection.run(try PostgresQuery("CREATE SCHEMA \(name)", deadline: .seconds(120)))
    await connection.close()
    return url(schema: name)
  }
}
