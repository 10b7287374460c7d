import Glibc
import LuaSyntax
import PrimitiveKit

/// Finds the source of a module in the fixed root directories.
struct ModuleFiles {
  let roots: [String]
  /// Whether the decisions of a module are traced.
  let isTracing: Bool

  // A module is source a person wrote; 16 MiB is far above any.
  private static let largest = 16 << 20

  /// The module's source, rewritten from the command form, and its chunk name.
  ///
  /// `seen` gets every file that was looked at, as it was before. Throws `module.missing`, naming every path it looked at, `module.encoding` and `lua.syntax`.
  func find(_ name: String, seen: (String, FileStamp?) -> Void) throws(CallFailure) -> Value {
    let path = name.split(separator: ".").joined(separator: "/")
    let candidates = roots.flatMap { ["\($0)/\(path).lua", "\($0)/\(path)/init.lua"] }
    for candidate in candidates {
      seen(candidate, FileStamp(candidate))
      guard let bytes = ModuleFiles.read(candidate) else { continue }
      guard let source = String(validating: bytes, as: UTF8.self) else {
        throw CallFailure(
          .invalid,
          code: "module.encoding",
          message: "module '\(name)': \(candidate) is not UTF-8 text"
        )
      }
      let chunk = "@\(candidate)"
      let text = try CommandForm.rewrite(source, name: chunk)
      return .table(["source": .string(isTracing ? LuaTracing.instrument(text) : text), "chunk": .string(chunk)])
    }
    let places = roots.isEmpty ? "no module directory is set" : "looked for \(candidates.joined(separator: ", "))"
    throw CallFailure(.invalid, code: "module.missing", message: "no module named '\(name)'", hint: places)
  }

  private static func read(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= largest else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let read = bytes.withUnsafeMutableBytes {
        Glibc.read(file, $0.baseAddress?.advanced(by: count), $0.count - count)
      }
      if read < 0 && errno == EINTR { continue }
      guard read > 0 else { break }
      count += read
    }
    return Array(bytes.prefix(count))
  }
}
