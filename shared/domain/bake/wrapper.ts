/*
 * What a builder runs, around the user's part. It is short, because EC2 takes 16 KB of user data and a request may bring 12
 * of them; hence few words in it, and the explanations here.
 *
 * Cloud-init runs it as one of its last scripts. It leaves its work to a process of its own and ends, so that cloud-init can
 * finish and its state be removed afterwards. systemd lets it live: the units of cloud-init have `KillMode=process`
 * Source: https://github.com/canonical/cloud-init/blob/main/systemd/cloud-final.service
 *
 * AMITY_ROOT stands for the root of the file system where no machine is: the embedded AWS sets it.
 */

/** Its own files, where nobody else reads them; and where Ubuntu has the AWS CLI. */
const BEGIN = `
PATH=$PATH:/snap/bin root=$AMITY_ROOT
dir=$root/var/lib/amity
mkdir -p $dir; cd $dir; chmod 700 .
`;

/**
 * The user's script, its output on the console as it comes, from its first line: EC2 shows it when the builder is gone. Not
 * through a pipe, which a service that the script starts would hold open.
 */
const RUN_SCRIPT = `
run() {
  chmod 700 run
  >out; tail -fn+1 out >$root/dev/console 2>&1 & mirror=$!
  (cd $root/ && $dir/run) >out 2>&1
  code=$?
  sleep 1; kill $mirror
}
`;

/** Of a #cloud-config the result is cloud-init's own. */
const ASK_CLOUD_INIT = `
run() {
  code=$booted
  { cloud-init status --long; tail -n 50 $root/var/log/cloud-init-o*; } >out 2>&1
}
`;

/**
 * Nothing of this boot stays in the image: the next machine is another one, and neither token nor script are its business.
 * The folder that we are in goes too, and not every command runs where there is none.
 */
const CLEAN = `
clean() {
  cd $root/
  cloud-init clean --logs
  rm -rf $dir var/lib/cloud/[di]* var/log/cloud-init*.log etc/ssh/ssh_host_*
  for id in etc/machine-id var/lib/dbus/machine-id; do [ ! -f $id ] || : >$id; done
}
`;

/**
 * The last of the output as a JSON text, of UTF-8 whatever it was. Other control characters would be none; and where a byte
 * from F4 on begins a character, iconv takes those for UTF-8 that are beyond Unicode. Without an iconv, ASCII is left.
 */
const JSON_TEXT = String.raw`
json() {
  tail -c 3000 | tr '\000-\011\013-\037\364-\377' ' ' | { iconv -cf utf-8 -t utf-8 || tr -cd '\n-~'; } |
    awk '{gsub(/["\\]/,"\\\\&"); printf "%s\\n",$0}'
}
`;

/** With the AWS CLI; or with curl (from 7.87), and the role's credentials out of the instance's metadata. */
const SIGNAL = String.raw`
imds=http://169.254.169.254/latest
meta() { curl -fs -H "X-aws-ec2-metadata-token: $key" $imds/meta-data/iam/security-credentials/$1; }
of() { echo "$role" | sed -n 's/.*"'$1'" *: *"\([^"]*\)".*/\1/p'; }
post() {
  user=$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY session=$AWS_SESSION_TOKEN
  if [ "$user" = : ]; then
    key=$(curl -fs -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $imds/api/token)
    role=$(meta $(meta))
    user=$(of AccessKeyId):$(of SecretAccessKey) session=$(of Token)
  fi
  curl -fs --aws-sigv4 aws:amz:$AMITY_REGION:states -u "$user" -H "X-Amz-Security-Token: $session" -H "X-Amz-Target: AWSStepFunctions.SendTask$1" -H 'Content-Type: application/x-amz-json-1.0' -d "$body" "$url"
}
signal() {
  body="{\"taskToken\":\"$AMITY_TASK_TOKEN\",$3}"
  for wait in 1 3 9 27; do
    aws stepfunctions send-task-$2 --region $AMITY_REGION --cli-input-json "$body" && return
    post $1 && return
    sleep $wait
  done
}
`;

/** All of it: the image is as it is to be before anyone is told. */
const MAIN = String.raw`
amity() {
  cloud-init status --wait; booted=$?
  run
  tail=$(json <out)
  clean
  if [ $code = 0 ]; then signal Success success '"output":"{}"'
  else signal Failure failure "\"error\":\"ScriptFailed\",\"cause\":\"exit $code\\n$tail\""; fi
}
amity </dev/null >/dev/null 2>&1 &
`;

const AFTER_RUN = CLEAN + JSON_TEXT + SIGNAL + MAIN;

/** Without the empty lines and the indentation that are there for us. */
const short = (script: string) => script.replace(/\n\s*/g, '\n').trimStart();

export const wrapper = {
  begin: short(BEGIN),
  runScript: short(RUN_SCRIPT + AFTER_RUN),
  askCloudInit: short(ASK_CLOUD_INIT + AFTER_RUN),
};
