/// The keys of a lab: one for its user, one for each host, and one that no host should ever present.
enum Keys {
  static func make(in layout: Layout, hosts: [LabHost], port: Int) throws {
    let keygen = try Tool.find("ssh-keygen", package: "openssh-client")
    let xargs = try Tool.find("xargs", package: "findutils")
    let paths = [layout.userKey, layout.otherHostKey] + hosts.map { layout.hostKey(of: $0.name) }
    let list = layout.run + "/keys.list"
    try Files.write(paths.map { $0 + "\n" }.joined(), to: list)
    // One ssh-keygen makes one key, so a large lab needs a few at a time.
    try Tool.run(
      xargs,
      [
        "--arg-file", list, "-P", "4", "-I", "{}", keygen, "-q", "-t", "ed25519", "-N", "", "-C", "opsh-lab", "-f",
        "{}",
      ]
    )
    guard let userKey = Files.read(layout.userKey + ".pub") else {
      throw LabError.tool(name: "ssh-keygen", detail: "no key in \(layout.userKey).pub")
    }
    try Files.write(userKey, to: layout.authorizedKeys)
    var known = ""
    for host in hosts {
      let key = Files.read(layout.hostKey(of: host.name) + ".pub") ?? ""
      known += "[\(host.address)]:\(port) \(key.split(separator: " ").prefix(2).joined(separator: " "))\n"
    }
    try Files.write(known, to: layout.knownHosts)
  }
}
