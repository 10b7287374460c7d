import Glibc
import LuaSyntax
import PrimitiveKit

/// Finds the source of a module in the fixed root directories.
struct ModuleFiles {
  let roots: [String]
  /// Whether a module may not lie outside of its root, as a symbolic link could lead there.
  var isConfined = false
  var admit: LuaAuthority.Admission = { _, _ in }

  // A module is source a person wrote; 16 MiB is far above any.
  private static let largest = 16 << 20

  /// The module's source, rewritten from the command form, and its chunk name.
  ///
  /// With `isTracing` its decisions are traced. `seen` gets every file that was looked at, as it was before. Throws
  /// `module.missing`, naming every path it looked at, `module.outside`, `module.encoding` and `lua.syntax`.
  func find(
    _ name: String,
    isTracing: Bool,
    seen: (String, FileStamp?) -> Void = { _, _ in }
  ) throws(CallFailure) -> Value {
    let path = name.split(separator: ".").joined(separator: "/")
    let candidates = roots.flatMap { root in ["\(path).lua", "\(path)/init.lua"].map { (root, "\(root)/\($0)") } }
    for (root, candidate) in candidates {
      seen(candidate, FileStamp(candidate))
      guard let bytes = ModuleFiles.read(candidate) else { continue }
      guard !isConfined || ModuleFiles.lies(candidate, inside: root) else {
        throw CallFailure(
          .refused,
          code: "module.outside",
          message: "module '\(name)': \(candidate) leads outside of \(root)",
          hint: "put the file itself there instead of a link"
        )
      }
      try admit(candidate, bytes)
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
    let places =
      roots.isEmpty ? "no module directory is set" : "looked for \(candidates.map(\.1).joined(separator: ", "))"
    throw CallFailure(.invalid, code: "module.missing", message: "no module named '\(name)'", hint: places)
  }

  private static func lies(_ path: String, inside root: String) -> Bool {
    guard let file = realpath(path, nil), let folder = realpath(root, nil) else { return false }
    defer {
      free(file)
      free(folder)
    }
    return String(cString: file).hasPrefix(String(cString: folder) + "/")
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
