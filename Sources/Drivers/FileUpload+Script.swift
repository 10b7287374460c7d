import PrimitiveKit

extension FileUpload {
  /// What writes the file the way SFTP does, from standard input: a temporary file in the same directory, synced, renamed.
  var request: CommandRequest {
    let word = path.word
    let temporary = path.beside("\(UInt64.random(in: 0 ... .max))").word
    let mode = String(mode, radix: 8)
    let script = """
      umask 077
      trap 'rm -f \(temporary)' EXIT
      cat > \(temporary) && chmod \(mode) \(temporary) && sync \(temporary) && mv -f \(temporary) \(word)
      """
    return CommandRequest(line: script, input: content, timeout: .seconds(120), effect: .changes)
  }

  /// Throws `host.put_failed` unless what wrote the file says that it did.
  func check(_ result: CommandResult, on host: HostAddress) throws(TransportError) {
    guard result.status == 0 else {
      let said = String(decoding: result.errorOutput.prefix(200), as: UTF8.self)
      throw .rejected(host: host.name, path: path.plain, reason: said.isEmpty ? "it could not be written" : said)
    }
  }
}
