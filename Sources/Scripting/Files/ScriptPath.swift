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

  /// The directory of the script or plugin itself.
  static let here = ScriptPath(text: ".")

  private init(text: String) { self.text = text }

  package var value: Value { .string(text) }

  /// Where it is for the present call.
  ///
  /// A resumed run looks where it looked first. Throws `journal.*`.
  func located() async throws(CallFailure) -> LocalPath {
    let home = ProcessInfo.processInfo.environment.filter { $0.key == "HOME" }
    let whole = UserDirectory.expanding(text, home)
    // Where a path starts at the root it does not matter who names it.
    let folder = whole.hasPrefix("/") ? "/" : try await ScriptPath.folder()
    let plugin = CallContext.current.plugin
    return LocalPath(text, in: folder, of: plugin, absolute: ScriptFolder.joining(folder, whole))
  }

  /// The directory of the script or plugin that makes the call, else the current one.
  private static func folder() async throws(CallFailure) -> String {
    let context = CallContext.current
    let folder = context.folder ?? FileManager.default.currentDirectoryPath
    guard let run = context.run else { return folder }
    // A run that is resumed from elsewhere keeps that of its script and those of the plugins whose code it calls.
    let name = context.plugin.map { "folder of plugin \($0)" } ?? "folder"
    return try await run.fact(name) { () throws(CallFailure) in folder }
  }
}
