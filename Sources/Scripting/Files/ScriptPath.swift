import Foundation
import Foundations
package import PrimitiveKit

/// A path as scripts give it: absolute, below `~/`, or relative to the script or plugin that gives it.
package struct ScriptPath: ValueConvertible, Sendable, Equatable {
  package let text: String

  package static var luaType: String { "string" }
  package static var completion: Completion { .files }

  package init(_ value: Value) throws(ConversionError) {
    guard case .string(let text) = value, !text.isEmpty, !text.utf8.contains(0) else {
      throw ConversionError(expected: "a path, absolute or relative to the script", found: value)
    }
    self.text = text
  }

  package var value: Value { .string(text) }

  /// Where it is for the present call.
  ///
  /// A resumed run looks where it looked first. Throws `journal.*`.
  func located() async throws(CallFailure) -> LocalPath {
    let folder = try await ScriptPath.folder()
    let home = ProcessInfo.processInfo.environment.filter { $0.key == "HOME" }
    let whole = UserDirectory.expanding(text, home)
    return LocalPath(text, in: folder, absolute: ScriptFolder.joining(folder, whole))
  }

  /// The directory of the script or plugin that makes the call, else the current one.
  static func folder() async throws(CallFailure) -> String {
    let context = CallContext.current
    let folder = context.folder ?? FileManager.default.currentDirectoryPath
    guard let run = context.run else { return folder }
    // By its last name, for a plugin's is another than the runbook's: a run that is resumed from elsewhere keeps both.
    let name = folder.split(separator: "/").last.map(String.init) ?? "/"
    return try await run.recorded("folder \(name)", at: "") { () throws(CallFailure) in folder }
  }
}
