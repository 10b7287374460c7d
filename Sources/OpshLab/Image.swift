/// One version of the lab's bot, as an archive with a digest.
package struct Image: Codable, Sendable, Equatable {
  package let name: String
  /// `sha256:` and the digest of the archive in hex.
  package let digest: String

  var hex: String { String(digest.dropFirst("sha256:".count)) }
}

extension Image {
  /// The versions every lab has, with what their bot does: `normal`, `broken` (exits at once) or `nologin`.
  static let versions = [("v1", "normal"), ("v2", "normal"), ("v3-broken", "broken"), ("v4-nologin", "nologin")]

  /// Builds the archives of all versions; the same program gives the same bytes each time.
  static func build(in layout: Layout) throws -> [Image] {
    let tar = try Tool.find("tar", package: "tar")
    let gzip = try Tool.find("gzip", package: "gzip")
    let sum = try Tool.find("sha256sum", package: "coreutils")
    for (name, behaviour) in versions {
      let directory = "\(layout.unpacked)/\(name)"
      try Files.makeDirectories(directory + "/bin")
      try Files.share(layout.bot, as: directory + "/bin/bot")
      try Files.write(name + "\n", to: directory + "/version")
      try Files.write("behaviour=\(behaviour)\n", to: directory + "/bot.conf")
      let archive = "\(layout.images)/\(name).tar"
      try Tool.run(
        tar,
        [
          "--create", "--file", archive, "--format=ustar", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner",
          "--directory", directory, "bin/bot", "bot.conf", "version",
        ]
      )
      try Tool.run(gzip, ["--no-name", "--fast", archive])
    }
    let sums = try Tool.run(sum, versions.map { layout.archive(of: $0.0) })
    return zip(versions, sums.split(separator: "\n")).map { version, line in
      Image(name: version.0, digest: "sha256:" + line.prefix(64))
    }
  }

  /// Puts the image on a host as a deploy would leave it.
  func unpack(into root: String, from layout: Layout) throws {
    let directory = "\(root)/images/\(hex)"
    try Files.makeDirectories(directory + "/bin")
    for file in ["bin/bot", "bot.conf", "version"] {
      try Files.share("\(layout.unpacked)/\(name)/\(file)", as: "\(directory)/\(file)")
    }
    try Files.write("name=\(name)\ndigest=\(digest)\n", to: directory + "/.image")
  }
}
