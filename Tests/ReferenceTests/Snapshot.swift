import Foundation
import Testing

/// Compares text with a file in `Snapshots`; `OPSH_RECORD=1` writes the file instead.
func expectSnapshot(_ name: String, _ text: String, location: SourceLocation = #_sourceLocation) throws {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots")
  let file = folder.appending(path: name)
  if ProcessInfo.processInfo.environment["OPSH_RECORD"] == "1" {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data((text + "\n").utf8).write(to: file)
  }
  let recorded = try String(contentsOf: file, encoding: .utf8)
  #expect(text + "\n" == recorded, "rewrite with OPSH_RECORD=1 when the change is meant", sourceLocation: location)
}
