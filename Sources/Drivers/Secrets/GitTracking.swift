import Glibc
import PrimitiveKit

/// Whether git keeps a file: what it tracks is copied wherever the repository goes, and stays in its history.
struct GitTracking {
  let programs: MachinePrograms

  enum Answer: Equatable {
    case no
    case yes
    /// A repository is there, and git does not say.
    case unknown(String)
  }

  /// `path` is whole; links are followed.
  func tracks(_ path: String) async throws(CallFailure) -> Answer {
    guard let resolved = realpath(path, nil) else { return .no }
    defer { free(resolved) }
    let real = String(cString: resolved)
    let (folder, name) = GitTracking.split(real)
    guard GitTracking.isInRepository(folder) else { return .no }
    var request = ProgramRequest(
      words: ["git", "-c", "core.fsmonitor=false", "-C", folder]
        + ["ls-files", "--error-unmatch", "--", ":(literal)\(name)"],
      effect: .reads,
      in: LocalPath("/", in: "/", absolute: "/")
    )
    request.timeout = .seconds(10)
    request.variables = ["GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"]
    let ending: ProgramEnding
    do throws(CallFailure) {
      ending = try await programs.run(request)
    } catch {
      if error.isGivenUp { throw error }
      return .unknown(error.message)
    }
    switch ending.status {
    case 0: return .yes
    case 1: return .no
    default:
      let said = String(decoding: ending.errorOutput.bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first
      return .unknown(said.map { "git says: \($0.prefix(200))" } ?? "git failed")
    }
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
  }

  private static func isInRepository(_ folder: String) -> Bool {
    var folder = folder
    while true {
      if access(folder == "/" ? "/.git" : "\(folder)/.git", F_OK) == 0 { return true }
      guard folder != "/" else { return false }
      folder = split(folder).folder
    }
  }
}
