# The document of deploy/sbom, from its tables of tab-separated lines.
def rows(names): split("\n") | map(select(. != "") | split("\t") |
  [names, .] | transpose | map({key: .[0], value: .[1]}) | from_entries);

($system | split("-")[0]) as $distribution |
($uses | rows(["server", "package", "part", "soname"]) | map(.package |= split(":")[0])) as $uses |
($packages | rows(["part", "name", "version", "arch", "source", "source_version"]) |
  map(.ref = "pkg:deb/\($distribution)/\(.name | @uri)@\(.version | @uri)?arch=\(.arch)" +
    "&distro=\($system)")) as $packages |
($npm | rows(["name", "version", "license", "sha512"]) |
  map(.ref = "pkg:npm/\(.name | @uri)@\(.version)")) as $npm |
"pkg:generic/fechatter@\($version)" as $fechatter |

def uses_of($package): $uses | map(select(.package == $package.name and .part == $package.part));
def server_ref($name): "\($fechatter)#\($name)";

{
  bomFormat: "CycloneDX",
  specVersion: "1.5",
  serialNumber: "",
  version: 1,
  metadata: {
    timestamp: $time,
    tools: {components: [{type: "application", name: "fechatter deploy/sbom", version: $version}]},
    component: {type: "application", name: "fechatter", version: $version, "bom-ref": $fechatter,
      licenses: [{license: {id: "MIT"}}]}
  },
  components: (
    [$uses | map(.server) | unique[] |
      {type: "application", name: ., version: $version, "bom-ref": server_ref(.)}] +
    ($packages | group_by(.ref) | map(.[0] as $package | {
      type: "library", name: $package.name, version: $package.version, purl: $package.ref,
      "bom-ref": $package.ref,
      properties: ([
        {name: "fechatter:source", value: "\($package.source) \($package.source_version)"},
        (map(.part) | unique[] | {name: "fechatter:part", value: .}),
        (map(uses_of(.)[].soname) | unique[] | select(. != "") |
          {name: "fechatter:library", value: .})
      ])
    })) +
    ($npm | map({
      type: "library", name: .name, version: .version, purl: .ref, "bom-ref": .ref,
      hashes: [{alg: "SHA-512", content: .sha512}],
      licenses: [if .license | test(" ") then {expression: .license} else {license: {id: .license}} end],
      properties: [{name: "fechatter:part", value: "carried"}]
    }))
  ),
  dependencies: (
    [{ref: $fechatter, dependsOn: ($uses | map(server_ref(.server)) | unique)}] +
    ($uses | group_by(.server) | map({
      ref: server_ref(.[0].server),
      dependsOn: (
        (map(. as $use | $packages[] |
          select(.name == $use.package and .part == $use.part) | .ref) | unique) + (if .[0].server == "fechatter_server" then $npm | map(.ref) else [] end))
    }))
  )
}
