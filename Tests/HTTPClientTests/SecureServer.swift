import Foundation
import Synchronization

/// A server with TLS on a free port of 127.0.0.1, with a certificate of the test; gone with the process.
///
/// It answers with the files `ok` and `moved`.
final class SecureServer: Sendable {
  /// Whose certificate it shows.
  enum Certificate: String, CaseIterable {
    case good
    case selfSigned = "self"
    case expired
    case elsewhere
    case unknownAuthority = "stranger"
  }

  let port: Int
  private let keeper: Mutex<Pipe?>

  init(_ certificate: Certificate) throws {
    let folder = try SecureServer.folder.get()
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", SecureServer.script, "sh", folder, certificate.rawValue]
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    keeper = Mutex(input)
    var said = ""
    while !said.hasSuffix("\n") {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Problem(said: said) }
      said += String(decoding: more, as: UTF8.self)
    }
    guard let port = said.split(separator: ":").last.flatMap({ Int($0.filter(\.isNumber)) }) else {
      throw Problem(said: said)
    }
    self.port = port
  }

  deinit { keeper.withLock { try? $0?.fileHandleForWriting.close() } }

  struct Problem: Error { let said: String }

  /// The certificate of the authority that issued the good one.
  static var authority: String { get throws { try folder.get() + "/ca.pem" } }

  // The shell waits for the end of its input, which comes however this process ends.
  private static let script = """
    cd "$1/www" || exit 1
    openssl s_server -accept 127.0.0.1:0 -cert "../$2.pem" -key ../key.pem -HTTP </dev/null >"../log.$$" 2>&1 &
    server=$!
    until grep -s ACCEPT "../log.$$"; do kill -0 $server || exit 1; sleep 0.05; done
    read -r word
    kill $server
    """

  private static let folder: Result<String, any Error> = Result {
    let folder = NSTemporaryDirectory() + "opsh-tls-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: "\(folder)/www", withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", certificates, "sh", folder]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Problem(said: "no certificates") }
    let files = [
      "ok": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
      "moved": "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    ]
    for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/www/\(name)")) }
    return folder
  }

  private static let certificates = """
    exec 2>/dev/null
    cd "$1" || exit 1
    new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
    openssl req -x509 $new -keyout ca.key -out ca.pem -subj /CN=authority -days 30 &&
    openssl req -x509 $new -keyout no.key -out no.pem -subj /CN=stranger -days 30 &&
    openssl req $new -keyout key.pem -out request.pem -subj /CN=server || exit 1
    issue() { openssl x509 -req -in request.pem -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "$3" -extfile "$4" -out "$1.pem"; }
    echo subjectAltName=IP:127.0.0.1 >here
    echo subjectAltName=DNS:elsewhere.example,IP:127.9.9.9 >there
    issue good ca 30 here && issue expired ca -1 here && issue elsewhere ca 30 there && issue stranger no 30 here &&
    openssl x509 -req -in request.pem -signkey key.pem -days 30 -extfile here -out self.pem
    """
}
